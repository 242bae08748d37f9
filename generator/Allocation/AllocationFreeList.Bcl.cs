// APIs of the class library that allocate nothing after their first call. A wildcard stands where the whole type works in
// place; the truth test (tests/Generator/Allocation) measures the frequent ones. Exceptions that an API throws on misuse do
// not count: a broken precondition is a programming error. A wildcard never covers what returns a string or an array.
namespace SipEmbedded.Generator.Allocation;

internal sealed partial class AllocationFreeList
{
    public const string BclEntries = """
        # Views of memory.
        System.Span`1.*
        System.ReadOnlySpan`1.*
        System.Memory`1.*
        System.ReadOnlyMemory`1.*
        System.MemoryExtensions.*
        !M:System.MemoryExtensions.Sort``2(System.Span{``0},``1)                          # makes a delegate of the comparer
        !M:System.MemoryExtensions.Sort``1(System.Span{``0})                              # in a native build does so of the default one
        !M:System.MemoryExtensions.Sort``3(System.Span{``0},System.Span{``1},``2)
        System.Text.SpanRuneEnumerator.*
        System.Text.SpanLineEnumerator.*
        System.ArraySegment`1.*
        System.Buffer.*
        System.Index.*
        System.Range.*
        System.Runtime.InteropServices.MemoryMarshal.*
        !System.Runtime.InteropServices.MemoryMarshal.ToEnumerable
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan
        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrNullRef
        System.Runtime.InteropServices.NativeMemory.*                                     # not the managed heap
        System.Runtime.InteropServices.Marshal.GetLastPInvokeError
        System.Runtime.InteropServices.Marshal.SetLastPInvokeError
        System.Runtime.InteropServices.Marshal.GetLastSystemError
        System.Runtime.InteropServices.Marshal.SetLastSystemError
        System.Runtime.InteropServices.SafeHandle.DangerousGetHandle
        System.Runtime.InteropServices.SafeHandle.DangerousAddRef
        System.Runtime.InteropServices.SafeHandle.DangerousRelease
        System.Runtime.InteropServices.SafeHandle.IsInvalid
        System.Runtime.InteropServices.SafeHandle.IsClosed
        System.Runtime.InteropServices.Marshalling.SafeHandleMarshaller`1+ManagedToUnmanagedIn.*
        System.Runtime.InteropServices.Marshalling.Utf8StringMarshaller+ManagedToUnmanagedIn.*
        System.Runtime.InteropServices.PosixSignalContext.Cancel
        System.Runtime.InteropServices.PosixSignalContext.Signal
        System.Runtime.CompilerServices.Unsafe.*
        System.Runtime.CompilerServices.RuntimeHelpers.IsReferenceOrContainsReferences
        System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode
        System.Runtime.CompilerServices.RuntimeHelpers.CreateSpan
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack
        System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack

        # Bits, bytes, numbers.
        System.BitConverter.*
        System.Buffers.Binary.BinaryPrimitives.*
        System.Buffers.SearchValues`1.*
        System.Buffers.StandardFormat.*
        System.Buffers.Text.Utf8Formatter.*
        System.Buffers.Text.Utf8Parser.*
        System.Buffers.Text.Base64.*
        System.Buffers.Text.Base64Url.TryEncodeToUtf8
        System.Buffers.Text.Base64Url.TryDecodeFromUtf8
        System.Buffers.Text.Base64Url.EncodeToUtf8
        System.Buffers.Text.Base64Url.DecodeFromUtf8
        System.Convert.TryToHexString
        System.Convert.TryToHexStringLower
        System.Convert.TryToBase64Chars
        System.Convert.TryFromBase64Chars
        System.HashCode.*
        System.Math.*
        System.MathF.*
        System.Numerics.BitOperations.*
        System.Numerics.Vector.*
        System.Numerics.Vector`1.*
        System.Numerics.Vector2.*
        System.Numerics.Vector3.*
        System.Numerics.Vector4.*
        System.Runtime.Intrinsics.*
        System.Boolean.*
        System.Byte.*
        System.SByte.*
        System.Int16.*
        System.UInt16.*
        System.Int32.*
        System.UInt32.*
        System.Int64.*
        System.UInt64.*
        System.Int128.*
        System.UInt128.*
        System.IntPtr.*
        System.UIntPtr.*
        System.Half.*
        System.Single.*
        System.Double.*
        System.Decimal.*
        System.Char.*
        System.Text.Rune.*
        System.Guid.*
        System.Nullable`1.*
        !System.Nullable`1.Equals                                                        # boxes its value for the comparison
        System.Numerics.INumber`1.*
        System.Numerics.INumberBase`1.*
        System.Numerics.IBinaryInteger`1.*
        System.Numerics.IBinaryNumber`1.*
        System.Numerics.IUnsignedNumber`1.*
        System.Numerics.ISignedNumber`1.*
        System.Numerics.IFloatingPoint`1.*
        System.Numerics.IMinMaxValue`1.*
        System.Numerics.IAdditionOperators`3.*
        System.Numerics.ISubtractionOperators`3.*
        System.Numerics.IMultiplyOperators`3.*
        System.Numerics.IDivisionOperators`3.*
        System.Numerics.IModulusOperators`3.*
        System.Numerics.IBitwiseOperators`3.*
        System.Numerics.IShiftOperators`3.*
        System.Numerics.IComparisonOperators`3.*
        System.Numerics.IEqualityOperators`3.*
        System.Numerics.IUnaryNegationOperators`2.*
        System.Numerics.IUnaryPlusOperators`2.*
        System.Numerics.IIncrementOperators`1.*
        System.Numerics.IDecrementOperators`1.*

        # Time. Parsing goes through culture tables and format strings.
        System.TimeSpan.*
        !System.TimeSpan.Parse
        !System.TimeSpan.TryParse
        !System.TimeSpan.ParseExact
        !System.TimeSpan.TryParseExact
        System.DateTime.*
        !System.DateTime.Parse
        !System.DateTime.TryParse
        !System.DateTime.ParseExact
        !System.DateTime.TryParseExact
        !System.DateTime.Today
        !System.DateTime.Now                                                             # loads the zone, may refresh it
        !System.DateTime.ToLocalTime
        !System.DateTime.ToUniversalTime
        System.DateTimeOffset.*
        !System.DateTimeOffset.Parse
        !System.DateTimeOffset.TryParse
        !System.DateTimeOffset.ParseExact
        !System.DateTimeOffset.TryParseExact
        !System.DateTimeOffset.Now
        !System.DateTimeOffset.LocalDateTime
        !System.DateTimeOffset.ToLocalTime
        System.DateOnly.*
        !System.DateOnly.Parse
        !System.DateOnly.TryParse
        !System.DateOnly.ParseExact
        !System.DateOnly.TryParseExact
        System.TimeOnly.*
        !System.TimeOnly.Parse
        !System.TimeOnly.TryParse
        !System.TimeOnly.ParseExact
        !System.TimeOnly.TryParseExact
        System.Diagnostics.Stopwatch.GetTimestamp
        System.Diagnostics.Stopwatch.GetElapsedTime
        System.Environment.TickCount64
        System.Environment.TickCount
        System.Environment.CurrentManagedThreadId

        # Text, in place.
        System.String.Length
        System.String.Chars
        System.String.Equals
        System.String.op_Equality
        System.String.op_Inequality
        System.String.op_Implicit
        System.String.CompareOrdinal
        System.String.CopyTo
        System.String.TryCopyTo
        System.String.GetHashCode
        System.String.GetPinnableReference
        System.String.IsNullOrEmpty
        System.String.IsNullOrWhiteSpace
        M:System.String.ToString
        M:System.String.IndexOf(System.Char)
        M:System.String.LastIndexOf(System.Char)
        M:System.String.Contains(System.Char)
        M:System.String.Contains(System.String)
        M:System.String.StartsWith(System.Char)
        M:System.String.EndsWith(System.Char)
        M:System.String.StartsWith(System.String,System.StringComparison)
        M:System.String.EndsWith(System.String,System.StringComparison)
        System.Text.Ascii.*
        # Not System.Text.Encoding: on malformed text it makes a fallback buffer. Utf8 and Ascii replace or refuse in place.
        System.Text.Unicode.Utf8.*
        System.MemoryExtensions+TryWriteInterpolatedStringHandler.*
        System.Text.Unicode.Utf8+TryWriteInterpolatedStringHandler.*

        # Comparing; whether the type argument makes them box is checked apart.
        System.Object.Equals
        System.Object.GetHashCode
        System.Object.ReferenceEquals
        System.Object.GetType
        System.Object.new
        System.ValueType.new
        System.Attribute.new
        System.IEquatable`1.Equals
        System.IComparable`1.CompareTo
        System.ISpanFormattable.TryFormat
        System.IUtf8SpanFormattable.TryFormat
        System.ValueTuple.*
        System.ValueTuple`1.*
        System.ValueTuple`2.*
        System.ValueTuple`3.*
        System.ValueTuple`4.*
        System.ValueTuple`5.*
        System.ValueTuple`6.*
        System.ValueTuple`7.*
        System.Delegate.op_Equality
        System.Delegate.op_Inequality
        System.Type.op_Equality
        System.Type.op_Inequality
        System.Type.IsValueType
        System.Collections.Generic.EqualityComparer`1.Default
        System.Collections.Generic.EqualityComparer`1.Equals
        System.Collections.Generic.EqualityComparer`1.GetHashCode
        System.Collections.Generic.Comparer`1.Default
        System.Collections.Generic.Comparer`1.Compare

        # Collections, read or changed in place. What grows them (Add, Push, Enqueue) is out.
        System.Array.Length
        System.Array.LongLength
        System.Array.Rank
        System.Array.GetLength
        System.Array.Clear
        System.Array.Copy
        System.Array.Fill
        System.Array.Empty                                                               # one object a type, shared
        System.Array.MaxLength
        System.Collections.Generic.List`1.Item
        System.Collections.Generic.List`1.Count
        System.Collections.Generic.List`1.Capacity
        System.Collections.Generic.List`1.Clear
        System.Collections.Generic.List`1.RemoveAt
        System.Collections.Generic.List`1.GetEnumerator
        System.Collections.Generic.List`1+Enumerator.*
        System.Collections.Generic.Dictionary`2.Count
        System.Collections.Generic.Dictionary`2.TryGetValue
        System.Collections.Generic.Dictionary`2.ContainsKey
        System.Collections.Generic.Dictionary`2.GetEnumerator
        System.Collections.Generic.Dictionary`2.Remove
        System.Collections.Generic.Dictionary`2.Clear
        System.Collections.Generic.Dictionary`2+Enumerator.*
        System.Collections.Generic.KeyValuePair`2.*
        System.Collections.Generic.HashSet`1.Count
        System.Collections.Generic.HashSet`1.Contains
        System.Collections.Generic.HashSet`1.Remove
        System.Collections.Generic.HashSet`1.Clear
        System.Collections.Generic.HashSet`1.GetEnumerator
        System.Collections.Generic.HashSet`1+Enumerator.*
        System.Collections.Immutable.ImmutableArray`1.Length
        System.Collections.Immutable.ImmutableArray`1.Item
        System.Collections.Immutable.ImmutableArray`1.IsDefault
        System.Collections.Immutable.ImmutableArray`1.IsEmpty
        System.Collections.Immutable.ImmutableArray`1.AsSpan
        System.Collections.Immutable.ImmutableArray`1.GetEnumerator
        System.Collections.Immutable.ImmutableArray`1+Enumerator.*

        # Threads.
        System.Threading.Interlocked.*
        System.Threading.Volatile.*
        System.Threading.Lock.*
        System.Threading.Monitor.Enter
        System.Threading.Monitor.Exit
        System.Threading.Thread.MemoryBarrier
        System.Threading.Thread.SpinWait
        System.Threading.CancellationToken.IsCancellationRequested
        System.Threading.CancellationToken.None

        # Programming errors: each throws only when the caller broke a precondition, or ends the process.
        System.Diagnostics.Debug.Assert
        System.Diagnostics.Debug.Fail
        System.Environment.FailFast
        System.Environment.Exit
        System.ArgumentNullException.ThrowIfNull
        System.ArgumentException.ThrowIfNullOrEmpty
        System.ArgumentException.ThrowIfNullOrWhiteSpace
        System.ArgumentOutOfRangeException.ThrowIfEqual
        System.ArgumentOutOfRangeException.ThrowIfGreaterThan
        System.ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual
        System.ArgumentOutOfRangeException.ThrowIfLessThan
        System.ArgumentOutOfRangeException.ThrowIfLessThanOrEqual
        System.ArgumentOutOfRangeException.ThrowIfNegative
        System.ArgumentOutOfRangeException.ThrowIfNegativeOrZero
        System.ArgumentOutOfRangeException.ThrowIfNotEqual
        System.ArgumentOutOfRangeException.ThrowIfZero
        System.ObjectDisposedException.ThrowIf

        # Randomness, digests and datagrams into the caller's memory.
        System.Security.Cryptography.RandomNumberGenerator.Fill
        System.Security.Cryptography.CryptographicOperations.FixedTimeEquals
        System.Security.Cryptography.CryptographicOperations.ZeroMemory
        M:System.Security.Cryptography.MD5.HashData(System.ReadOnlySpan{System.Byte},System.Span{System.Byte})
        M:System.Security.Cryptography.SHA256.HashData(System.ReadOnlySpan{System.Byte},System.Span{System.Byte})
        M:System.Net.Sockets.Socket.ReceiveFrom(System.Span{System.Byte},System.Net.Sockets.SocketFlags,System.Net.SocketAddress)
        M:System.Net.Sockets.Socket.SendTo(System.ReadOnlySpan{System.Byte},System.Net.Sockets.SocketFlags,System.Net.SocketAddress)
        System.Net.SocketAddress.Item
        System.Net.SocketAddress.Size
        System.Net.SocketAddress.Buffer
        System.Net.SocketAddress.Family
        """;
}
