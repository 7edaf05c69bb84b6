/**
 * How much LevelDB gathers before it makes a table, in bytes. A crash, or damage that no checksum shows, can cost at
 * most the writes of two such buffers: the one being filled and the one on its way to a table. Rule K2 builds on it.
 * More would mean longer replays (16 MB: 20-70 ms); with LevelDB's own 4 MB a bulk load stalls for 370 ms, not 21.
 */
export const WRITE_BUFFER_BYTES = 16 << 20
