'use client';

/** React's hooks: they read without an exposure while rendering, and expose what was committed. */

export { Feature, type FeatureProps } from './react/feature.js';
export { useExperiment, useFlag, useFlagDetails } from './react/hooks.js';
export { WaftProvider, type WaftProviderProps } from './react/provider.js';
export type { ClientSource, FlagClient, Initial } from './react/store.js';
