// Locals are not cleared on entry: matchers fill their records field by field, and clearing them twice would cost as much as a short header.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
