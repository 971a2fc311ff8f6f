import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    reportCompressedSize: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  // While working on the page: the API of a pgmon that runs beside.
  server: { proxy: { '/api': 'http://127.0.0.1:8181', '/healthz': 'http://127.0.0.1:8181' } },
});
