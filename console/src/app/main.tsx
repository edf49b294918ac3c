import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/layout.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { readConfig } from '../config';
import { applyLanguage } from '../i18n';
import { takeTokenFromAddress } from '../token';
import { applyTheme } from '../ui/theme';
import { App } from './App';
import { preload } from './pages';

// Before anything is asked of the server, and again where such an address is pasted into the open page.
takeTokenFromAddress(location, history);
addEventListener('hashchange', () => takeTokenFromAddress(location, history));
applyLanguage();
applyTheme();
preload(location.pathname);

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root element');
createRoot(root).render(
  <StrictMode>
    <App config={readConfig(document)} />
  </StrictMode>,
);
