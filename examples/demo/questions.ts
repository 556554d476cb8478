/** What each agent asks of the other's knowledge, in other words than the texts themselves use. */
export const questionsForGrace = [
  'bad weather with lightning and heavy rain',
  'a hot drink made in a hurry',
  'a dessert with burnt sugar on top',
]

export const questionsForAda = [
  'where the ocean is completely dark',
  'whiskey made secretly at home',
  'a rock that fell from the sky',
]
