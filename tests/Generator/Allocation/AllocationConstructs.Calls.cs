// Rows of strings, loops, calls into the class library and the rest of the language.
namespace SipEmbedded.Generator.Tests.Allocation;

internal static partial class AllocationConstructs
{
    private static readonly AllocationConstruct[] Strings =
    [
        new("concatenation", "Sink = {|SIPA006:Text + \"x\"|};"),
        new("concatenation of many", "Sink = {|SIPA006:Text + Number + 'c' + Text|};"),
        new("concatenation in parentheses", "Sink = {|SIPA006:Text + (\"a\" + Text)|};"),
        new("+= of strings", "string s = Text; {|SIPA006:s += Number|}; Sink = s;"),
        new("interpolated string", "Sink = {|SIPA006:$\"{Number}\"|};"),
        new("interpolated string of strings", "Sink = {|SIPA006:$\"<{Text}>\"|};"),
        new("interpolated string in a concatenation", "Sink = {|SIPA006:\"a\" + $\"{Number}\"|};"),
        new("FormattableString", "FormattableString f = {|SIPA006:$\"{Text}\"|}; Sink = f;"),
        new("constant concatenation", "const string A = \"a\"; Sink = A + \"b\" + nameof(Number);"),
        new("constant interpolation", "const string A = \"a\"; Sink = $\"{A}{nameof(Sum)}\";"),
        new("interpolation into a span", "Span<char> b = stackalloc char[64]; b.TryWrite($\"{Number}:{Text}:{DayOfWeek.Friday}\", out int n); Sum += n;"),
        new("interpolation into UTF-8", "Span<byte> b = stackalloc byte[64]; System.Text.Unicode.Utf8.TryWrite(b, $\"{Number}:{Text}\", out int n); Sum += n;"),
        new("interpolation into a span of a plain struct", "Span<char> b = stackalloc char[64]; b.TryWrite($\"{|SIPA006:{Kept}|}\", out int n); Sum += n;", "struct S { public int A; public override string ToString() => A.{|SIPA011:ToString|}(\"x8\"); } static S Kept;"),
        new("interpolation into a handler of our own", "Take($\"{Number}\");", "[InterpolatedStringHandler] public ref struct H { public H(int l, int f) { } public void AppendFormatted(int n) => Sum += n; } static void Take(H h) { }"),
        new("range of a string", "Sink = {|SIPA006:Text[1..3]|};"),
        new("range of a string as a span", "Sum += Text.AsSpan()[1..3].Length;"),
        new("Substring", "Sink = Text.{|SIPA011:Substring|}(2);"),
        new("string.Format", "Sink = string.{|SIPA011:Format|}(\"{0}\", Text);"),
        new("string.Create", "Sink = string.{|SIPA011:Create|}(4, 1, Fill);", "static readonly System.Buffers.SpanAction<char, int> Fill = (span, _) => span.Fill('x');"),
        new("string constructor", "Sink = {|SIPA001:new string('x', 4)|};"),
        new("ToString of an int", "Sink = (Number * 1000).{|SIPA011:ToString|}();"),
        new("ToString of a string", "Sink = Text.ToString();"),
        new("ToString of a span", "Sink = Text.AsSpan(1).{|SIPA011:ToString|}();"),
        new("ToString of a record struct", "Sink = Kept.{|SIPA006:ToString|}();", "record struct R(int A); static R Kept;"),
        new("ToString of a record class", "Sink = Kept.{|SIPA006:ToString|}();", "record R(int A); static readonly R Kept = new(1);"),
        new("TryFormat", "Span<char> b = stackalloc char[16]; Number.TryFormat(b, out int n); Sum += n;"),
        new("Enum.GetName", "Sink = Enum.{|SIPA011:GetName|}((DayOfWeek)(Number - 3));", Untrue: "the names are kept after the first call; the list does not know it"),
        new("switch on a string", """
            Sum += Text switch { "INVITE" => 1, "ACK" => 2, "BYE" => 3, "CANCEL" => 4, "OPTIONS" => 5, "REGISTER" => 6, "INFO" => 7, "PRACK" => 8, _ => 9 };
            """),
        new("switch on a span of characters", "Sum += Text.AsSpan() switch { \"INVITE\" => 1, \"ACK\" => 2, _ => 9 };"),
        new("comparison of strings", "Sum += Text == \"INVITE\" ? 1 : 0; Sum += string.Equals(Text, \"x\", StringComparison.OrdinalIgnoreCase) ? 1 : 0;"),
        new("string to ReadOnlySpan", "ReadOnlySpan<char> s = Text; Sum += s.Length;"),
    ];

    private static readonly AllocationConstruct[] Loops =
    [
        new("foreach over an array", "foreach (int n in Kept) Sum += n;", "static readonly int[] Kept = [1, 2];"),
        new("foreach over a two-dimensional array", "foreach (int n in Kept) Sum += n;", "static readonly int[,] Kept = new int[2, 2];"),
        new("foreach over a string", "foreach (char c in Text) Sum += c;"),
        new("foreach over a span", "foreach (int n in Kept.AsSpan()) Sum += n;", "static readonly int[] Kept = [1, 2];"),
        new("foreach over a List", "foreach (int n in Kept) Sum += n;", "static readonly List<int> Kept = [1, 2];"),
        new("foreach over a Dictionary", "foreach (var (k, v) in Kept) Sum += k + v;", "static readonly Dictionary<int, int> Kept = new() { [1] = 2 };"),
        new("foreach over IEnumerable", "foreach (int n in {|SIPA007:Kept|}) Sum += n;", "static readonly IEnumerable<int> Kept = new List<int> { 1, 2 };"),
        new("foreach over an array as IEnumerable", "foreach (int n in {|SIPA007:Kept|}) Sum += n;", "static IEnumerable<int> Kept = new[] { 1, 2 };"),
        new("foreach over IReadOnlyList", "foreach (int n in {|SIPA007:Kept|}) Sum += n;", "static readonly IReadOnlyList<int> Kept = new List<int> { 1, 2 };"),
        new("foreach over IEnumerable without a type", "foreach (object n in {|SIPA007:Kept|}) Sink = n;", "static readonly IEnumerable Kept = new ArrayList { 1, 2 };"),
        new("foreach over a type parameter", "Walk(Kept);", "static readonly List<int> Kept = [1, 2]; static void Walk<T>(T t) where T : IEnumerable<int> { foreach (int n in {|SIPA007:t|}) Sum += n; }"),
        new("foreach over a queue, not listed", "foreach (int n in {|SIPA011:Kept|}) Sum += n;", "static readonly Queue<int> Kept = new([1, 2]);", "Queue's enumerator is a struct; the list does not know it"),
        new("foreach with a boxing variable", "foreach ({|SIPA003:object|} o in Kept) Sink = o;", "static readonly int[] Kept = [1, 2];"),
        new("foreach over an enumerator of our own", "foreach (int n in new Two()) Sum += n;", "struct Two { public Walker GetEnumerator() => default; public struct Walker { int _n; public int Current => _n; public bool MoveNext() => ++_n < 3; } }"),
        new("foreach over a class enumerator of our own", "foreach (int n in Kept) Sum += n;", "class Two { public Walker GetEnumerator() => {|SIPA001:new Walker()|}; } class Walker { int _n; public int Current => _n; public bool MoveNext() => ++_n < 3; } static readonly Two Kept = new();"),
    ];

    private static readonly AllocationConstruct[] Calls =
    [
        new("span operations", "var s = Text.AsSpan(); Sum += s.IndexOf('@') + s.IndexOfAny(\"@:\") + s.Slice(2).Length + (s.SequenceEqual(\"x\") ? 1 : 0) + s.Trim().Length + (s.StartsWith(\"sip\") ? 1 : 0);"),
        new("split of a span", "Span<Range> parts = stackalloc Range[4]; Sum += Text.AsSpan().Split(parts, '@');"),
        new("enumerated split of a span", "foreach (var r in Text.AsSpan().Split('@')) Sum += r.Start.Value;"),
        new("search values", "Sum += Text.AsSpan().IndexOfAny(Marks);", "static readonly SearchValues<char> Marks = SearchValues.Create(\"@;\");"),
        new("binary primitives", "Span<byte> b = stackalloc byte[8]; BinaryPrimitives.WriteUInt32BigEndian(b, 1); Sum += BinaryPrimitives.ReadUInt16LittleEndian(b);"),
        new("UTF-8 formatting and parsing", "Span<byte> b = stackalloc byte[16]; System.Buffers.Text.Utf8Formatter.TryFormat(Number, b, out int n); System.Buffers.Text.Utf8Parser.TryParse(b[..n], out int v, out _); Sum += v;"),
        new("encoding into a span", "Span<byte> b = stackalloc byte[64]; Sum += E.{|SIPA011:GetBytes|}(Text.AsSpan(), b);", "static readonly Encoding E = Encoding.UTF8;", "well-formed text costs nothing; the next two rows show the other"),
        new("decoding of malformed UTF-8", "Span<char> c = stackalloc char[16]; Sum += E.{|SIPA011:GetCharCount|}([0xff, 0xfe]);", "static readonly Encoding E = Encoding.UTF8;"),
        new("encoding of malformed UTF-16", "Span<byte> b = stackalloc byte[16]; Sum += E.{|SIPA011:GetBytes|}(['a', '\\ud800', 'b'], b);", "static readonly Encoding E = Encoding.UTF8;"),
        new("transcoding with replacement, in place", "Span<byte> b = stackalloc byte[16]; System.Text.Unicode.Utf8.FromUtf16(['a', '\\ud800'], b, out int r, out int w); Ascii.FromUtf16(['a', '\\u20ac'], b, out int n); Sum += w + n;"),
        new("encoding into an array", "Sink = E.{|SIPA011:GetBytes|}(Text);", "static readonly Encoding E = Encoding.UTF8;"),
        new("memory marshalling", "Span<int> s = stackalloc int[2]; Sum += MemoryMarshal.AsBytes(s).Length + MemoryMarshal.Read<int>(MemoryMarshal.AsBytes(s)) + Unsafe.SizeOf<long>();"),
        new("randomness, clock and identifiers", "Span<byte> b = stackalloc byte[8]; System.Security.Cryptography.RandomNumberGenerator.Fill(b); Sum += b[0] + DateTime.UtcNow.Ticks + Environment.TickCount64 + Guid.NewGuid().Version;"),
        new("digests into the caller's memory", "Span<byte> b = stackalloc byte[32]; Sum += System.Security.Cryptography.MD5.HashData(Octets, b) + System.Security.Cryptography.SHA256.HashData(Octets, b) + b[0]; System.Security.Cryptography.CryptographicOperations.ZeroMemory(b);", "static ReadOnlySpan<byte> Octets => \"abc\"u8;"),
        new("digests into arrays", "Sink = System.Security.Cryptography.MD5.{|SIPA011:HashData|}(\"abc\"u8); Sink = System.Security.Cryptography.SHA256.{|SIPA011:HashData|}(\"abc\"u8);"),
        new("datagrams through the caller's memory", "Span<byte> b = stackalloc byte[8]; Udp.SendTo(b, System.Net.Sockets.SocketFlags.None, To); Sum += Udp.ReceiveFrom(b, System.Net.Sockets.SocketFlags.None, From);", """
            static readonly System.Net.Sockets.Socket Udp = Bound();
            static readonly System.Net.SocketAddress To = Udp.LocalEndPoint!.Serialize(), From = new(System.Net.Sockets.AddressFamily.InterNetwork);
            [StartUp(Because = "opens the socket")] static System.Net.Sockets.Socket Bound()
            {
                var udp = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Udp);
                udp.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
                return udp;
            }
            """),
        new("search among equatable items", "Span<int> s = [1, 2, Number]; Sum += s[0] + s.BinarySearch(2);"),
        new("sort of equatable items", "Span<int> s = [Number, 2, 1]; s.{|SIPA011:Sort|}(); Sum += s[0];", "", "the just-in-time runtime sorts in place, a native build makes a delegate of the comparer"),
        new("sort of a plain struct with items", "Kept.AsSpan().{|SIPA003:Sort|}(Items.AsSpan());", "struct S { public int A; } static readonly S[] Kept = new S[1]; static readonly int[] Items = new int[1];", "a span of one is sorted without a comparison; of more, it would throw"),
        new("search with an equality comparer", "Sum += ((ReadOnlySpan<S>)Kept).{|SIPA003:SequenceEqual|}(Kept, null) ? 1 : 0;", "struct S { public int A; public string? B; } static readonly S[] Kept = new S[4];"),
        new("Rune, char and ASCII", "Sum += Rune.GetRuneAt(Text, 0).Value + char.ToUpperInvariant(Text[0]) + (Ascii.EqualsIgnoreCase(Text, \"x\") ? 1 : 0) + (char.IsAsciiDigit(Text[1]) ? 1 : 0);"),
        new("Base64 and hexadecimal in place", "Span<byte> b = stackalloc byte[32]; b.Clear(); System.Buffers.Text.Base64.EncodeToUtf8InPlace(b, 6, out int n); Span<char> c = stackalloc char[8]; Convert.TryToHexString(b[..4], c, out int m); Sum += n + m;"),
        new("formatting of times and numbers", "Span<char> c = stackalloc char[64]; DateTime.UnixEpoch.TryFormat(c, out int a, \"R\"); TimeSpan.Zero.TryFormat(c, out int b); 1.5.TryFormat(c, out int d, \"F2\"); Sum += a + b + d;"),
        new("enumerations of a text's runes and lines", "foreach (var r in Text.AsSpan().EnumerateRunes()) Sum += r.Value; foreach (var l in Text.AsSpan().EnumerateLines()) Sum += l.Length;"),
        new("hash of a tuple and of a nullable", "int? n = Number; Sum += (Number, Text).GetHashCode() + n.GetHashCode() + (n.HasValue ? 1 : 0);"),
        new("comparers of enums and nullables", "int? n = Number; Sum += EqualityComparer<Small>.Default.Equals((Small)Number, Small.A) ? 1 : 0; Sum += EqualityComparer<int?>.Default.Equals(n, 3) ? 1 : 0; Sum += Comparer<Small>.Default.Compare(Small.A, (Small)Number);", "enum Small : byte { A }"),
        new("Dictionary keyed by an enum or a string", "Sum += (A.TryGetValue(DayOfWeek.Friday, out int x) ? x : 0) + (B.TryGetValue(Text, out int y) ? y : 0);", "static readonly Dictionary<DayOfWeek, int> A = new() { [DayOfWeek.Friday] = 1 }; static readonly Dictionary<string, int> B = new() { [\"sip\"] = 1 };"),
        new("interpolation in place of a nullable", "Span<char> c = stackalloc char[16]; int? n = Number; c.TryWrite($\"{|SIPA003:{n}|}\", out int m); Sum += m;"),
        new("interpolation in place of a struct of our own", "Span<char> c = stackalloc char[16]; c.TryWrite($\"{Kept}{Kept:x}\", out int m); Sum += m;", """
            struct S : ISpanFormattable
            {
                public bool TryFormat(Span<char> to, out int written, ReadOnlySpan<char> format, IFormatProvider? provider) { to[0] = 'a'; written = 1; return true; }
                public string ToString(string? format, IFormatProvider? provider) => "a";
            }
            static S Kept;
            """),
        new("interpolation in place of an unconstrained type parameter", "Take(Kept);", "struct S { public int A; } static S Kept; static void Take<T>(T t) { Span<char> c = stackalloc char[64]; c.TryWrite($\"{|SIPA006:{t}|}\", out int m); Sum += m; }"),
        new("interpolation in place of a bool", "Span<char> c = stackalloc char[16]; c.TryWrite($\"{|SIPA006:{Number == 7}|}\", out int m); Sum += m;", Untrue: "its strings are constants, but no interface says so"),
        new("interpolation in place of many types", "Span<char> c = stackalloc char[256]; c.TryWrite($\"{Number,5:X4}{DayOfWeek.Friday}{Guid.Empty}{DateTime.UnixEpoch:O}{1.5m}{'c'}{Text.AsSpan(1)}{TimeSpan.Zero}\", out int m); Sum += m;"),
        new("transcoding in place", "Span<char> c = stackalloc char[16]; System.Text.Unicode.Utf8.ToUtf16([(byte)'a', 0xff], c, out int r, out int w); Sum += w; Sum += System.Text.Unicode.Utf8.IsValid([0xff]) ? 1 : 0; Rune.DecodeFromUtf8([0xe2, 0x82, 0xac], out var rune, out int used); Sum += rune.Value + used;"),
        new("searching spans", """
            var s = Text.AsSpan(); Span<char> low = stackalloc char[32];
            Sum += s.ToLowerInvariant(low) + s.CommonPrefixLength("sip") + s.Count('b') + s.LastIndexOfAny('a', 'b') + s.IndexOfAnyExcept('s') + s.IndexOfAnyInRange('0', '9')
                + (s.Equals("SIP", StringComparison.OrdinalIgnoreCase) ? 1 : 0) + (s.Contains("bob", StringComparison.Ordinal) ? 1 : 0) + s.SequenceCompareTo("sip") + s.IndexOfAny(Words);
            """, "static readonly SearchValues<string> Words = SearchValues.Create([\"bob\", \"alice\"], StringComparison.OrdinalIgnoreCase);"),
        new("sort by a comparison", "Kept.AsSpan().Sort(ByValue); Sum += Kept[0];", "static readonly int[] Kept = [3, 1, 2]; static readonly Comparison<int> ByValue = (a, b) => b - a;"),
        new("sort by a comparer", "Kept.AsSpan().{|SIPA011:Sort|}(ByValue); Sum += Kept[0];", "static readonly int[] Kept = [3, 1, 2]; static readonly IComparer<int> ByValue = Comparer<int>.Create((a, b) => b - a);"),
        new("sort of keys with items", "Keys.AsSpan().Sort(Items.AsSpan()); Sum += Items[0].Length;", "static readonly int[] Keys = [3, 1, 2]; static readonly string[] Items = [\"a\", \"b\", \"c\"];"),
        new("parsing of numbers", "Sum += (long)double.Parse(\"1.5\") + (decimal.TryParse(\"1.5\", out decimal d) ? (long)d : 0) + int.Parse(\"12\".AsSpan()) + (Guid.TryParse(\"x\", out _) ? 1 : 0) + (long)Int128.Parse(\"5\") + byte.Parse(\"7\"u8);"),
        new("UTF-8 formatting of many types", "Span<byte> b = stackalloc byte[64]; System.Buffers.Text.Utf8Formatter.TryFormat(1.5m, b, out int m); System.Buffers.Text.Utf8Formatter.TryFormat(DateTime.UnixEpoch, b, out int n, 'R'); System.Buffers.Text.Utf8Formatter.TryFormat(Guid.Empty, b, out int k); Sum += m + n + k;"),
        new("locks, exchange and elapsed time", "using (Door.EnterScope()) Sum++; Interlocked.Exchange(ref Sink, Text); Volatile.Write(ref Number, 7); Sum += Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp()).Ticks;", "static readonly Lock Door = new();"),
        new("hash builder", "var h = new HashCode(); h.Add(Number); h.Add(Text); h.AddBytes(\"abc\"u8); Sum += h.ToHashCode();"),
        new("object's static comparisons", "Sum += object.Equals(Text, Sink) ? 1 : 0; Sum += ReferenceEquals(Text, Sink) ? 1 : 0; Sum += Text.GetHashCode();"),
        new("HashSet and ImmutableArray, read", "Sum += Set.Contains(3) ? 1 : 0; foreach (int n in Set) Sum += n; foreach (int n in Fixed) Sum += n + Fixed[0];", "static readonly HashSet<int> Set = [1, 2]; static readonly ImmutableArray<int> Fixed = [1, 2];"),
        new("Memory and its span", "Memory<byte> m = Kept; Sum += m.Span[0] + m.Slice(1).Length;", "static readonly byte[] Kept = [1, 2];"),
        new("array in place", "Array.Clear(Kept); Array.Fill(Kept, (byte)1); Array.Copy(Kept, 0, Kept, 1, 2); Buffer.BlockCopy(Kept, 0, Kept, 1, 1); Sum += Kept.Length;", "static readonly byte[] Kept = [1, 2, 3, 4];"),
        new("arithmetic", "Sum += Math.Max(Number, 2) + BitOperations.PopCount((uint)Number) + int.Clamp(Number, 1, 3) + checked(Number * 2);"),
        new("vectors", "Sum += Vector<int>.Count + System.Runtime.Intrinsics.Vector128.Sum(System.Runtime.Intrinsics.Vector128.Create(Number));"),
        new("parsing", "Sum += int.TryParse(Text.AsSpan(), out int n) ? n : 1;"),
        new("a signal's context", "Context.Cancel = true; Sum += (int)Context.Signal;", "static readonly System.Runtime.InteropServices.PosixSignalContext Context = new(System.Runtime.InteropServices.PosixSignal.SIGHUP);"),
        new("decimal and time arithmetic", "decimal d = Number; d += 1.5m; var t = TimeSpan.FromTicks(Number) + TimeSpan.Zero; Sum += (long)d + t.Ticks + Stopwatch.GetTimestamp();"),
        new("interlocked and lock", "Interlocked.Add(ref Number, 0); lock (Gate) Sum++; lock (Door) Sum++;", "static readonly object Gate = new(); static readonly Lock Door = new();"),
        new("big integers", "Sum += ({|SIPA011:Kept << 200|}).{|SIPA011:IsZero|} ? 1 : 2;", "static readonly BigInteger Kept = 1;"),
        new("guards", "ArgumentNullException.ThrowIfNull(Text); ArgumentOutOfRangeException.ThrowIfNegative(Number);"),
        new("List, read", "Sum += Kept[0] + Kept.Count;", "static readonly List<int> Kept = [1, 2];"),
        new("List, grown", "{|SIPA001:new List<int>()|}.{|SIPA011:Add|}(1);"),
        new("LINQ", "Sink = Kept.{|SIPA011:ToArray|}();", "static readonly List<int> Kept = [1, 2];"),
        new("unlisted call", "Sink = Environment.{|SIPA011:GetEnvironmentVariable|}(\"PATH\");"),
        new("unlisted property", "Sink = Environment.{|SIPA011:StackTrace|};"),
        new("unlisted struct constructor", "var r = {|SIPA011:new ReadOnlySequence<byte>(Kept)|}; Sum += r.{|SIPA011:Length|};", "static readonly byte[] Kept = [1];", "this constructor allocates nothing; the list does not know it"),
        new("unlisted Dispose", "using var {|SIPA011:h = Kept|};", "static readonly MemoryHandle Kept;", "this Dispose allocates nothing; the list does not know it"),
        new("Debug.Assert with an interpolated message", "Debug.Assert(Number == 7, $\"number is {Number}\");"),
        new("Debug.Assert, left out with its argument", "Debug.Assert(Number == 7, \"a\" + Number);"),
        new("conditional method of our own, left out", "Trace(\"a\" + Number);", "[Conditional(\"NEVER\")] static void Trace(string s) => Sink = s;"),
        new("P/Invoke", "Sum += getpid();", "[DllImport(\"libc\")] static extern int getpid();"),
        new("P/Invoke that returns a string", "if (Number == 0) Sink = {|SIPA011:strdup|}(Text);", "[DllImport(\"libc\")] static extern string strdup(string text);", "the call is not made here; the marshaller makes the string"),
    ];

    private static readonly AllocationConstruct[] Language =
    [
        new("tuples and deconstruction", "var (a, b) = (Number, Text); (a, Number) = (Number, a); Sum += a + b.Length;"),
        new("fixed", "fixed (char* p = Text) Sum += p[0]; fixed (int* q = Kept) Sum += q[0];", "static readonly int[] Kept = [1];"),
        new("unsafe pointers and sizeof", "int n = 1; int* p = &n; Sum += *p + sizeof(long);"),
        new("ref locals and returns", "ref int n = ref Get(); n++; Sum += n;", "static ref int Get() => ref Number;"),
        new("null-conditional assignment", "Kept?.A = Number; Kept?.A += 1;", "class C { public int A; } static readonly C? Kept = new();"),
        new("field keyword", "Kept.A = Number; Sum += Kept.A;", "class C { public int A { get => field; set => field = value + 1; } } static readonly C Kept = new();"),
        new("field keyword with an allocation", "Kept.A = Text;", "class C { public string? A { get => field; set => field = {|SIPA006:value + \"x\"|}; } } static readonly C Kept = new();"),
        new("user-defined conversion that allocates", "C c = Number; Sink = c;", "class C { public static implicit operator C(int n) => {|SIPA001:new C()|}; }"),
        new("user-defined operator", "var v = new V(Number) + new V(2); Sum += v.N;", "record struct V(int N) { public static V operator +(V a, V b) => new(a.N + b.N); }"),
        new("instance field initialiser", "Make();", "class C { public int[] A = {|SIPA002:new int[2]|}; public Func<int> F = {|SIPA005:() =>|} 1; } static void Make() => Sink = {|SIPA001:new C()|};"),
        new("virtual call", "Sum += Kept.M();", "class B { public virtual int M() => 1; } class D : B { public override int M() => 2; } static readonly B Kept = new D();"),
        new("generic virtual call", "Sum += Kept.M<string>();", "class B { public virtual int M<T>() => 1; } class D : B { public override int M<T>() => 2; } static readonly B Kept = new D();"),
        new("own interface call", "Sum += Kept.M();", "interface IHas { int M(); } class D : IHas { public int M() => 2; } static readonly IHas Kept = new D();"),
        new("try, catch and finally", "try { Sum++; } catch (InvalidOperationException) { Sum--; } finally { Sum++; }"),
        new("typeof and is", "Sum += typeof(int) == typeof(long) ? 1 : 0; if (Sink is string) Sum++;"),
        new("nullable arithmetic", "int? a = Number; a += 2; Sum += a.GetValueOrDefault() + (a ?? 0);"),
        new("static local function and goto", "again: if (Sum < 0) goto again; static int Twice(int n) => n * 2; Sum += Twice(2);"),
        new("attribute with params and typeof", "M();", "[AttributeUsage(AttributeTargets.All)] class MarkAttribute(params object[] values) : Attribute { public object[] Values => values; } [Mark(1, \"a\", typeof(int))] static void M() => Sum++;"),
        new("attribute class and its constructor", "Sum++;", "class MarkAttribute : Attribute { public int A; public MarkAttribute(int a) => A = a; }"),
        new("exception class and its constructor", "Sum++;", "class Broken : Exception { public Broken(int n) : base(\"broken \" + n) { } string _s = new string('x', 2); }"),
        new("positional pattern on an object", "if (Kept is {|SIPA003:(1, 2)|}) Sum++;", "static readonly object Kept = (1, 2);"),
        new("positional pattern on a tuple", "if ((Number, Sum) is (7, > 0)) Sum++;"),
        new("list pattern on an unlisted type", "if (Kept is {|SIPA011:{|SIPA011:[1, ..]|}|}) Sum++;", "static readonly ImmutableList<int> Kept = [1, 2];", "indexing an ImmutableList allocates nothing; the list does not know it"),
        new("property pattern on an unlisted property", "if (Kept is { {|SIPA011:StackTrace|}: null }) Sum++;", "static readonly Exception Kept = new();", "an exception that was never thrown has no trace to build"),
        new("foreach that deconstructs", "foreach (var (a, b) in Kept) Sum += a + b;", "struct P { public int A; public void Deconstruct(out int a, out int b) => (a, b) = (A, A); } static readonly P[] Kept = new P[2];"),
        new("foreach that deconstructs and allocates", "foreach (var (a, b) in Kept) Sink = b;", "struct P { public void Deconstruct(out int a, out object b) => (a, b) = (1, {|SIPA001:new object()|}); } static readonly P[] Kept = new P[2];"),
        new("foreach that deconstructs through an unlisted method", "foreach ({|SIPA011:var (a, b)|} in Kept) Sum++;", "static readonly DictionaryEntry[] Kept = new DictionaryEntry[1];", "this Deconstruct allocates nothing; the list does not know it"),
        new("named arguments and defaults", "Sum += Take(b: Number);", "static int Take(int a = 1, int b = 2) => a + b;"),
        new("boxing in params span", "Take({|SIPA003:Number|}, Text);", "static void Take(params ReadOnlySpan<object> a) => Sink = a[0];"),
        new("lambda among a primary constructor's base arguments", "Make();", "class B(Func<int> f) { public Func<int> F = f; } class D(int n) : B({|SIPA004:() =>|} n); static void Make() => Sink = {|SIPA001:new D(1)|};"),
        new("using on an explicitly disposable struct", "using (new S()) Sum++;", "struct S : IDisposable { void IDisposable.Dispose() => Sum++; }"),
        new("using on an external interface", "using ({|SIPA011:var o = Kept|}) Sum++;", "class Own : IMemoryOwner<byte> { public Memory<byte> Memory => default; public void Dispose() { } } static readonly IMemoryOwner<byte> Kept = new Own();", "our own object stands behind the interface; its type does not show"),
        new("lambda in a constructor initialiser", "Make();", "class B { public B(Func<int> f) { } } class D : B { public D(int n) : base({|SIPA004:() =>|} n) { } } static void Make() => Sink = {|SIPA001:new D(1)|};"),
        new("tuple returned with an object in it", "Sink = Get().A;", "static (object A, int B) Get() => ({|SIPA003:Number|}, 1);"),
        new("reference conversion of a delegate", "Func<object> f = Kept; Sink = f;", "static readonly Func<string> Kept = () => \"\";"),
        new("generic static method group", "Take<int>();", "static int M<T>() => 1; static void Take<T>() { Func<int> f = {|SIPA005:M<T>|}; Sink = f; }", CachedOnce),
        new("lambda in a generic method", "Take<int>();", "static void Take<T>() { Func<int> f = {|SIPA005:() =>|} typeof(T) == typeof(int) ? 1 : 2; Sink = f; }", CachedOnce),
        new("static abstract method group", "Take<S>();", "interface IHas { static abstract int M(); } struct S : IHas { public static int M() => 1; } static void Take<T>() where T : IHas { Func<int> f = {|SIPA005:T.M|}; Sink = f; }", CachedOnce),
        new("native integer boxed", "Sink = {|SIPA003:(nint)Number|};"),
        new("Equals of a record class", "Sum += Kept.Equals(Other) ? 1 : 0; Sum += Kept.GetHashCode();", "record R(int A, string B); static readonly R Kept = new(1, \"a\"), Other = new(1, \"b\");"),
        new("primary constructor of a struct", "var s = new S(Number); Sum += s.M();", "struct S(int n) { public int M() => n; }"),
        new("ref struct that implements an interface", "using var s = new S(); Sum++;", "ref struct S : IDisposable { public void Dispose() => Sum++; }"),
        new("scoped, in and ref readonly parameters", "int n = Number; Sum += Take(in n, ref n);", "static int Take(in int a, ref readonly int b) => a + b;"),
        new("checked and unsigned shift", "Sum += checked((byte)Number) + (Number >>> 1);"),
        new("unsafe function pointer kept in a field", "Sum += Kept(Number);", "static readonly unsafe delegate*<int, int> Kept = &Twice; static int Twice(int n) => n * 2;"),
        new("loop that breaks out of a switch", "for (int i = 0; i < 3; i++) { switch (i) { case 1: Sum++; break; default: continue; } }"),
        new("index and range values", "Index i = ^1; Range r = 1..^1; Sum += i.Value + r.Start.Value;"),
        new("anonymous object, with", "var a = {|SIPA001:new { A = 1 }|}; Sink = a {|SIPA001:with|} { A = 2 };"),
        new("await foreach and await using", "_ = M();", "static async Task {|SIPA008:M|}() { await Task.{|SIPA011:Yield|}(); await foreach (int n in {|SIPA007:Kept|}) Sum += n; } static readonly IAsyncEnumerable<int> Kept = AsyncEnumerable.Empty<int>();"),
        new("unlisted conversion operator", "BigInteger b = {|SIPA011:Number|}; Held = b;", "static BigInteger Held;", "a small BigInteger needs no array; the list does not know it"),
    ];
}
