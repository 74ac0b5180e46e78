// The package's core suite in three engines; ONLY=WebKit for one of them. What one does otherwise is told where it is asserted, and in docs/client.md.
import { inEngines } from './engines.mjs';
import { CASES } from './suite.mjs';

inEngines(CASES);
