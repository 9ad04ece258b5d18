//! The tables of the recommendation.

/// Decision levels of the 6-bit quantizer, from table 14 (Q6).
pub(super) const DECISIONS: [i32; 29] = [
    35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980,
    2195, 2557, 2919,
];

/// Output of the 6-bit inverse quantizer by code (INVQBL).
pub(super) const QUANTIZED_6: [i32; 64] = [
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856, -7192, -6576,
    -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984,
    13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040,
    728, 432, 136, -432, -136,
];

/// Output of the 4-bit inverse quantizer by the upper bits of the code (INVQAL): the predictor goes by it.
pub(super) const QUANTIZED_4: [i32; 16] =
    [0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0];

/// How the lower band's scale follows each 4-bit code (LOGSCL).
pub(super) const LOW_SCALE: [i32; 16] = [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];

/// The decision level of the higher band's quantizer.
pub(super) const HIGH_DECISION: i32 = 564;

/// Output of the higher band's inverse quantizer by code (INVQAH).
pub(super) const QUANTIZED_2: [i32; 4] = [-7408, -1616, 7408, 1616];

/// How the higher band's scale follows each code (LOGSCH).
pub(super) const HIGH_SCALE: [i32; 4] = [798, -214, 798, -214];

/// 2048 times the powers of 2 in steps of a thirty-second (ILB, for SCALEL and SCALEH).
pub(super) const POWERS: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228,
    3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];

/// Every other coefficient of the quadrature mirror filter; the rest are the same in reverse.
pub(super) const MIRROR: [i32; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];
