// Where the blocks beside the chain are drawn.

/**
 * Gives each block a lane: 0 for the chain, and below it, from 1 on, one for each
 * branch, as near to the chain as there is room. A block goes on in its parent's
 * lane unless another child has it already.
 *
 * @param {Array<{height: number, hash: string, prev_block_hash: string, on_chain: boolean}>} rows
 * @returns {Map<string, number>} lane by hash
 */
export function layLanes(rows) {
  const lanes = new Map();
  const byHeight = new Map();
  for (const row of rows) {
    if (row.on_chain) lanes.set(row.hash, 0);
    else byHeight.set(row.height, [...(byHeight.get(row.height) ?? []), row]);
  }

  let busyBelow = new Set(); // lanes with a block one height below: a link runs to them
  for (const height of [...byHeight.keys()].sort((a, b) => a - b)) {
    const busy = new Set();
    const place = (row, lane) => {
      lanes.set(row.hash, lane);
      busy.add(lane);
    };

    const begin = [];
    for (const row of byHeight.get(height)) {
      const lane = lanes.get(row.prev_block_hash) ?? 0;
      if (lane > 0 && !busy.has(lane)) place(row, lane);
      else begin.push(row);
    }
    for (const row of begin) {
      let lane = 1;
      while (busy.has(lane) || busyBelow.has(lane)) lane++;
      place(row, lane);
    }
    busyBelow = byHeight.has(height + 1) ? busy : new Set();
  }
  return lanes;
}
