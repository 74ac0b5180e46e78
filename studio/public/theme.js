// Before anything is drawn: src/shell/theme.ts. A file, since the page runs nothing that stands in it.
try {
  const theme = localStorage.getItem('waft-studio.theme');
  if (theme) document.documentElement.dataset.theme = theme;
} catch {}
