import { decide } from './decide.js';

console.log(await decide(process.env.VISITOR));
