/** Thrown for an error that the user can solve: the command line prints its message and returns the exit code 1. */
export class UserError extends Error {}
