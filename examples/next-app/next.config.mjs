import { join } from 'node:path';

// `waft` is a link out of this folder here. An application that installs the package needs none of this.
export default { turbopack: { root: join(import.meta.dirname, '../..') } };
