/** Two rulesets, compared: what `waft diff --json` has under `diff`. docs/diff.md says what each figure means. */

/** What became of something. `reached` is written as before, and asks for something that is not. */
export type Change = 'added' | 'removed' | 'changed' | 'reached';

/** What differs, and who gets something else. */
export interface Diff {
  /** The moment for which both are told, in RFC 3339. */
  readonly at: string;
  /** Flags that are written differently, or that a difference reaches. */
  readonly flags: readonly FlagChange[];
  /** What else is written differently: segments, experiments and whatever flags have in common. */
  readonly shared: readonly SharedChange[];
  /** What is running, and is changed meanwhile. */
  readonly running: readonly TrialChange[];
  /** How many flags no difference reaches. */
  readonly unchanged: number;
  /** What is not looked at, in sentences. */
  readonly assumptions: readonly string[];
  /** Who gets something else, if people were read. */
  readonly population?: Effect;
}

/** What something is. */
export interface Name {
  readonly kind: 'attribute' | 'unit' | 'list' | 'segment' | 'layer' | 'holdout' | 'experiment' | 'ramp' | 'flag';
  /** Its name; of a ramp `flag/rule`. */
  readonly name: string;
}

/** A part of it, in words. */
export interface PartChange {
  readonly part: string;
  readonly before?: string;
  readonly after?: string;
}

export interface FlagChange {
  readonly flag: string;
  readonly change: Change;
  readonly parts?: readonly PartChange[];
  /** What it asks for and is written differently. */
  readonly through?: readonly Name[];
  /** Who is randomised by it. */
  readonly unit?: string;
}

export interface SharedChange extends Name {
  readonly change: Change;
  readonly parts: readonly PartChange[];
  /** The flags that may decide differently for it. */
  readonly reaches: readonly string[];
}

export interface TrialChange extends Name {
  readonly flag: string;
  /** What changes of it while it runs, in sentences. */
  readonly changes: readonly string[];
  /** The next phase, which randomises anew. */
  readonly rerandomised?: { readonly phase: number; readonly at: string; readonly share: number };
}

/** How many, of all rows. */
export interface Counts {
  /** Rows; absent if ids were made up. */
  readonly rows?: number;
  /** Distinct units; absent if the file has none. */
  readonly units?: number;
  /** The share of rows, from 0 to 1; where ids were made up, the expected one. */
  readonly share: number;
  /** Where ids were made up: in which range the share lies, in 95 of 100 cases. */
  readonly range?: readonly [number, number];
}

/** What people get. */
export interface Effect {
  readonly rows: number;
  /** Distinct units of each kind. */
  readonly units: Readonly<Record<string, number>>;
  readonly columns: readonly string[];
  readonly ignored: readonly string[];
  /** Units of which the file has no column, and whose ids were made up. */
  readonly simulated: readonly string[];
  /** Who gets another value of at least one flag that both have. */
  readonly moved: Counts;
  readonly movedUnits: Readonly<Record<string, number>>;
  readonly flags: readonly FlagEffect[];
  /** Phases that randomise anew. */
  readonly phases: readonly { readonly experiment: string; readonly phase: number; readonly at: string; readonly switched: Counts }[];
}

export interface FlagEffect {
  readonly flag: string;
  readonly unit?: string;
  readonly simulated: boolean;
  /** Who gets another value. */
  readonly changed: Counts;
  /** Who gets another variant of an equal value. */
  readonly renamed: Counts;
  readonly becameUnknown: Counts;
  readonly becameKnown: Counts;
  /** Attributes that it may ask for, and that the file has no column for. */
  readonly lacks: readonly string[];
  /** From what to what, the largest first. */
  readonly moves: readonly Move[];
}

export interface Move extends Counts {
  readonly kind: 'value' | 'variant' | 'added' | 'removed';
  readonly before: Got;
  readonly after: Got;
  /** Some of their ids. */
  readonly examples?: readonly string[];
}

/** What somebody gets. Without a variant it is the default in the page's code. */
export interface Got {
  readonly variant: string | null;
  readonly value?: unknown;
}
