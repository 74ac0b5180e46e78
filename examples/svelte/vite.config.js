import { svelte } from '@sveltejs/vite-plugin-svelte';
import { collector } from '../collector.mjs';

export default { plugins: [svelte(), collector()] };
