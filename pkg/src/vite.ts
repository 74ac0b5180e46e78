/** `waft/vite`: the ruleset of a project in Vite's development server, and its snapshot in what Vite builds. */

export { type PluginOptions, waft, waft as default } from './vite/plugin.js';
