import { flags } from '/work/main/tests/bench/ruleset.mjs';
import { keys, snapshot } from '/work/main/tests/bench/snapshot.mjs';
import * as waft from '/work/main/tests/bench/peers/waft.mjs';
import { writeFileSync } from 'node:fs';
const f='/work/main/target/bench';
const signing = keys('/work/main/target/release/waft', f+'/keys');
for (const c of [1000,10000]) writeFileSync(`${f}/waft-${c}`, snapshot(signing, waft.ruleset(flags(c))));
