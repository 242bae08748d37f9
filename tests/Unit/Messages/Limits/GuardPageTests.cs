// Nothing is read behind a message's last octet: each message lies at the very end of a page, and the page behind it takes the process down.
using System.Runtime.InteropServices;
using SipEmbedded.Messages;
using SipEmbedded.Tests.Vectors;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Limits;

public sealed unsafe partial class GuardPageTests : IDisposable
{
    private const int ProtNone = 0, ProtReadWrite = 3, MapPrivateAnonymous = 0x22;

    private readonly byte* _pages;
    private readonly nuint _mapped;
    private readonly int _usable;

    [LibraryImport("libc", SetLastError = true)]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mprotect(void* address, nuint length, int protection);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(void* address, nuint length);

    public GuardPageTests()
    {
        int page = Environment.SystemPageSize;
        _usable = (Slice.MaxTextLength / page + 1) * page;
        _mapped = (nuint)(_usable + page);
        _pages = (byte*)mmap(null, _mapped, ProtReadWrite, MapPrivateAnonymous, -1, 0);
        Assert.NotEqual(-1, (nint)_pages);
        Assert.Equal(0, mprotect(_pages + _usable, (nuint)page, ProtNone));
    }

    public void Dispose() => munmap(_pages, _mapped);

    public static TheoryData<string> All() => MessageVectors.Ids(MessageVectors.All);

    [Theory]
    [MemberData(nameof(All))]
    public void Reading_ends_with_the_message(string id)
    {
        byte[] text = MessageVectors.Get(id).Read();
        // Whole, and cut wherever a line, a header or a body may break off.
        for (int length = text.Length; length > 0; length -= length > 200 ? 7 : 1)
            ReadAtTheEnd(text.AsSpan(0, length));
    }

    [Fact]
    public void The_corpus_cut_at_every_octet_is_read_to_its_end_and_no_further()
    {
        foreach (byte[] text in MessageVectors.Corpus)
        {
            for (int length = text.Length; length > 0; length--)
                ReadAtTheEnd(text.AsSpan(0, length));
        }
    }

    private void ReadAtTheEnd(ReadOnlySpan<byte> text)
    {
        var guarded = new Span<byte>(_pages + _usable - text.Length, text.Length);
        text.CopyTo(guarded);
        var index = new MessageIndex();
        foreach (var framing in new[] { Framing.Datagram, Framing.Stream })
        {
            var check = MessageCheck.Of(guarded, framing, ref index);
            while (check.MoveNext())
                Assert.InRange(check.Current.Offset, 0, text.Length);
            RoutingView.TryRead(check.Message, out _, out _);
            if (Multipart.TryRead(check.Message, out var parts, out _))
            {
                while (parts.MoveNext())
                    parts.Current.TryGet<ContentType>(out _, out _);
            }
        }
        new StreamFramer(StreamSide.Accepted).Next(guarded, out _);
    }
}
