import { decide } from './decide.js';

document.title = await decide(new URL(location.href).searchParams.get('visitor')).catch((error) => `failed: ${error}`);
