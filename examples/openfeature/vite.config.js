import { collector } from '../collector.mjs';

export default { plugins: [collector()] };
