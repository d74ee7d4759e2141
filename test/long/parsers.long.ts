// A million inputs per parser of bytes and of text, random ones and good ones with changes.
import { drawBytes, drawText } from '../property/draw.ts';
import { BYTE_PARSERS, TEXT_PARSERS } from '../property/parsers.ts';
import { testParsers } from './million.ts';

testParsers(BYTE_PARSERS, drawBytes);
testParsers(TEXT_PARSERS, drawText);
