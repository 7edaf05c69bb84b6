/** Rules that fields of several kinds of things share; the first failure of a request wins. */
import { utf8Size } from '@waggle/kernel'
import { contentTooLarge, invalidField, requiredField, tooManyItems } from '../schema/decoder.ts'

/** A text that must be there. */
export const checkContent = (content: string, field: string, bytesMax: number): void => {
  if (content.length === 0) throw requiredField(field)
  checkSize(content, field, bytesMax)
}

export const checkSize = (text: string | undefined, field: string, bytesMax: number): void => {
  const size = utf8Size(text ?? '')
  if (size > bytesMax) throw contentTooLarge(field, size, bytesMax)
}

/** The name of an agent: there, and not too long. */
export const checkAgent = (agent: string, field: string, bytesMax: number): void => {
  if (agent.length === 0) throw requiredField(field)
  const size = utf8Size(agent)
  if (size > bytesMax) throw invalidField(field, `at most ${bytesMax} bytes`, { size, limit: bytesMax })
}

/** 0..1; NaN is refused because it compares false. */
export const checkUnitRange = (value: number | undefined, field: string): void => {
  if (value !== undefined && !(value >= 0 && value <= 1))
    throw invalidField(field, 'number 0..1', { min: 0, max: 1, value: String(value) })
}

export const checkTexts = (
  texts: readonly string[] | undefined,
  field: string,
  itemsMax: number,
  bytesMax: number,
): void => {
  if (texts === undefined) return
  if (texts.length > itemsMax) throw tooManyItems(field, texts.length, itemsMax)
  texts.forEach((text, index) => {
    const size = utf8Size(text)
    if (size > bytesMax)
      throw invalidField(`${field}[${index}]`, `at most ${bytesMax} bytes`, { size, limit: bytesMax })
  })
}
