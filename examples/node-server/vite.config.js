export default {
  logLevel: 'warn',
  build: { rollupOptions: { input: 'src/page.js', output: { entryFileNames: '[name].js' } } },
};
