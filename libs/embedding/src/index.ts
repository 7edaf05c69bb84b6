export type { Embedder } from './embedder.ts'
export {
  HASHING_DIMENSION_MAX,
  HASHING_DIMENSION_MIN,
  HASHING_EMBEDDER_NAME,
  hashingEmbedder,
} from './hashing-embedder.ts'
