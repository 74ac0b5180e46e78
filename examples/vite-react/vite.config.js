import react from '@vitejs/plugin-react';
import { collector } from '../collector.mjs';

export default { plugins: [react(), collector()] };
