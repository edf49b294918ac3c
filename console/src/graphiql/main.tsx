import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './page.css';
import { createRoot } from 'react-dom/client';
import { readConfig } from '../config';
import { GraphiqlPage } from './GraphiqlPage';

const root = document.getElementById('root');
if (root === null) throw new Error('graphiql.html has no #root element');
createRoot(root).render(<GraphiqlPage config={readConfig(document)} />);
