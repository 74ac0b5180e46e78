import { cookie } from 'waft/context';

// The worker has no cookies: its address says who the visitor is. It decides from the next page on.
const address = `/service.js?${new URLSearchParams({ visitor: cookie(), country: 'DE' })}`;
await navigator.serviceWorker.register(address);
