import type { Host } from '../node/node.js';

export declare const host: Host;
