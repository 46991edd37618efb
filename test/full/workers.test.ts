// All tests of the workers, those at the nasty moments too.
import '../workers.test.ts';
