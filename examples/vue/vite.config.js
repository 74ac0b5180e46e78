import vue from '@vitejs/plugin-vue';
import { collector } from '../collector.mjs';

export default { plugins: [vue(), collector()] };
