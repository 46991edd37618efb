// Every fault at every place of a stream, in every mode.
import '../stream-modes.test.ts';
