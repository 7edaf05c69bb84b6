/** Places on the earth, taken for a sphere. */
import type { Json } from '@waggle/protocol'

/** In degrees. */
export interface Place {
  readonly lat: number
  readonly lng: number
}

/** The mean radius of the earth, in metres. */
const RADIUS = 6_371_008.8

/** The place that a payload's value names: a map with `lat` and `lng` in degrees. */
export const placeOf = (value: Json | undefined): Place | undefined => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { lat, lng } = value as { readonly lat?: Json; readonly lng?: Json }
  if (typeof lat !== 'number' || typeof lng !== 'number') return undefined
  return Math.abs(lat) <= 90 && Math.abs(lng) <= 180 ? { lat, lng } : undefined
}

/** Along the surface, in metres: the haversine of the angle, which is exact for near places too. */
export const groundDistance = (from: Place, to: Place): number => {
  const [latFrom, latTo] = [radians(from.lat), radians(to.lat)]
  const haversine =
    Math.sin((latTo - latFrom) / 2) ** 2 +
    Math.cos(latFrom) * Math.cos(latTo) * Math.sin(radians(to.lng - from.lng) / 2) ** 2
  return 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(haversine)))
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180
