// In which order a round takes its samples.

/** Each round begins with another one, and every other round goes backwards: who comes after whom tells, too. */
export function turned(list, round) {
  const at = round % list.length;
  const turn = [...list.slice(at), ...list.slice(0, at)];
  return round % 2 ? turn.reverse() : turn;
}
