export { diagnose, type DiagnoseOptions } from './diagnose'
export { CHECKS, type CheckName, type Finding } from './finding'
