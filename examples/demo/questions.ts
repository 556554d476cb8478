/** What each agent asks of the other's knowledge, in words that the texts themselves do not use. */
export const questionsForGrace = [
  'two suns circling each other',
  'a hot drink made in a hurry',
  'a bitter mixer for gin',
]

export const questionsForAda = [
  'where the ocean is completely dark',
  'whiskey made secretly at home',
  'a sudden strong wind',
]
