// tests/vectors through the built package: the same files run natively and as wasm in crates/studio/tests/vectors.rs.
import { vectors } from './vectors.mjs';

vectors();
