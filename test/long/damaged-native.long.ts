// Every bit of every valid vector, native backend.
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { testEveryBit } from './every-bit.ts';

testEveryBit(nativeBackend);
