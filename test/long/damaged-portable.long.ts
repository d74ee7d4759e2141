// Every bit of every valid vector, portable backend.
import { portableBackend } from '../../protocol/crypto/backend-portable.ts';
import { testEveryBit } from './every-bit.ts';

testEveryBit(portableBackend);
