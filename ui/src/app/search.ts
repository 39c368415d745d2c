import { parseSearchWith } from '@tanstack/react-router'
import { z } from 'zod/mini'

/**
 * Values of an address: numbers, flags and lists where that is how they would be written, else the text
 * as it stands, such as `007` or `12e4`.
 */
export const parseSearch = parseSearchWith((text) => {
  const value: unknown = JSON.parse(text)
  if (value === null || JSON.stringify(value) !== text) throw new SyntaxError(`${text} is a text`)
  return value
})

/** A text of an address, which may read as a number: `?q=2614`. */
export const word = z.catch(z.optional(z.union([z.string(), z.pipe(z.union([z.number(), z.boolean()]), z.transform(String))])), undefined)
