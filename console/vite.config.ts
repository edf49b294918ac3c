import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `npm run dev` serves the pages with hot reload and passes the API on to a running server. */
const server = process.env.DINGMIRROR_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  // The binary serves dist/assets under /console/assets, whatever page they belong to.
  base: '/console/',
  plugins: [react()],
  build: {
    // Never a data: URL for a script or worker: the pages run under a strict Content-Security-Policy.
    assetsInlineLimit: 0,
    // Monaco alone is larger than Vite's warning threshold.
    chunkSizeWarningLimit: 4096,
    modulePreload: { polyfill: false },
    rollupOptions: {
      // One entry a page. The admin console will be `index.html`.
      input: { graphiql: fileURLToPath(new URL('graphiql.html', import.meta.url)) },
      // GraphiQL is published with hints to the React compiler, which mean nothing to a bundler.
      onwarn: (warning, warn) => {
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
  server: { proxy: { '/graphql': { target: server, ws: true, changeOrigin: true } } },
});
