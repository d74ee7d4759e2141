// A million JSON values per schema of the wire, odd ones and good ones with changes somewhere inside.
import { drawValue } from '../property/draw.ts';
import { VALUE_PARSERS } from '../property/parsers.ts';
import { testParsers } from './million.ts';

testParsers(VALUE_PARSERS, drawValue);
