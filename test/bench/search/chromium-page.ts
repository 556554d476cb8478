import { measureEngines } from './measure-engines'

Object.assign(globalThis, { measureInPage: measureEngines })
