/** `waft/openfeature-react`: the hook that exposes, for pages with OpenFeature's React SDK. */

export { useExposure } from './openfeature/react.js';
