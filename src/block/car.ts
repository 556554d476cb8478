// Loaded with the first archive.
export { readCar } from './read-car'
export { writeCar } from './write-car'
