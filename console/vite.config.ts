import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { firstFiles } from './build/firstFiles.ts';
import { graphqlDocuments } from './build/graphqlDocuments.ts';

/** `npm run dev` serves the pages with hot reload and passes the API on to a running server. */
const server = process.env.DINGMIRROR_URL ?? 'http://127.0.0.1:8080';

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The addresses that the server has: /graphiql is a page of its own, below /console/ everything is the console's. */
const addresses: Plugin = {
  name: 'dingmirror:addresses',
  configureServer: ({ middlewares }) => {
    middlewares.use((request, _response, next) => {
      if (/^\/graphiql(\?|$)/.test(request.url ?? '')) request.url = '/console/graphiql.html';
      next();
    });
  },
};

export default defineConfig({
  // The binary serves dist/assets under /console/assets, whatever page they belong to.
  base: '/console/',
  plugins: [graphqlDocuments(), react(), addresses],
  // React has had it itself for years.
  resolve: { alias: { 'use-sync-external-store/shim/index.js': 'react' } },
  build: {
    // Never a data: URL for a script or worker: the pages run under a strict Content-Security-Policy.
    assetsInlineLimit: 0,
    // Monaco alone is larger than Vite's warning threshold.
    chunkSizeWarningLimit: 4096,
    modulePreload: { polyfill: false },
    // Which files a page loads, for scripts/sizes.mjs.
    manifest: 'manifest.json',
    rollupOptions: {
      output: { codeSplitting: { groups: [firstFiles()] } },
      // One entry a page.
      input: { index: page('index.html'), graphiql: page('graphiql.html') },
      // GraphiQL is published with hints to the React compiler, which mean nothing to a bundler.
      onwarn: (warning, warn) => {
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
  // GraphiQL's workers can't be bundled ahead: it is looked at in a build.
  optimizeDeps: { entries: ['index.html'] },
  server: { proxy: { '/graphql': { target: server, ws: true, changeOrigin: true, rewriteWsOrigin: true } } },
});
