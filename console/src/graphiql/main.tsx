import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './page.css';
import { createRoot } from 'react-dom/client';
import { readConfig } from '../config';
import { takeTokenFromAddress } from '../token';
import { GraphiqlPage } from './GraphiqlPage';

// Before anything is asked of the server, and again where such an address is pasted into the open page.
takeTokenFromAddress(location, history);
addEventListener('hashchange', () => takeTokenFromAddress(location, history));

const root = document.getElementById('root');
if (root === null) throw new Error('graphiql.html has no #root element');
createRoot(root).render(<GraphiqlPage config={readConfig(document)} />);
