// Reading, comparing, escaping and enumerating URIs and small values touch the managed heap not at all: counted in bytes.
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Uris;
using Xunit;

namespace SipEmbedded.Tests.Messages.Uris;

public sealed class UriAllocationTests
{
    private const int Rounds = 1_000;

    [Fact]
    public void Uris_and_values_allocate_nothing()
    {
        byte[] left = Octets.Of(
            "sip:%61lice:pw@atlanta.com;b=2;Transport=tcp;maddr=[::1]?to=%3Csip:bob%40b.com%3E%3Btag%3D1&subject=X");
        byte[] right = Octets.Of("sip:alice:pw@ATLANTA.com;transport=TCP;a=1;maddr=[0::1]?s=x&t=sip:bob%40B.com%3Btag%3D1");
        byte[] buffer = new byte[512];
        int count = 0;
        for (int round = 0; round < 2; round++)
        {
            // The first round lets the tables be made and the code be compiled.
            long before = HeapCount.Begin();
            for (int i = 0; i < Rounds; i++)
                count += All(left, right, buffer);
            if (round == 1)
                Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(2 * Rounds * 15, count);
    }

    // How many of the calls did what they should.
    private static int All(byte[] left, byte[] right, byte[] buffer)
    {
        int done = 0;
        done += UriComparison.AreEqual(left, right) ? 1 : 0;
        done += UriComparison.AreEqual("tel:+1-2;a;b"u8, "tel:+12;b;a"u8) ? 1 : 0;
        done += UriComparison.AreEqual("http://h/a/../b"u8, "HTTP://h/%62"u8) ? 1 : 0;
        done += SipUri.TryParse(left, out var uri, out _) ? 1 : 0;
        done += UriText.TryUnescape(uri.User.In(left), buffer, out int length) && length == 5 ? 1 : 0;
        done += UriParameters.Of(uri, left).TryFind("maddr"u8, out _) ? 1 : 0;
        foreach (var _ in UriHeaders.Of(uri, left))
            done++;
        var writer = new ByteWriter(buffer);
        UriText.Escape(ref writer, "j@s0n"u8, UriPart.User);
        done += writer.Written == 7 ? 1 : 0;
        done += TelUri.TryParse("tel:+1;ext=2"u8, out var tel, out _) && tel.Kind == TelephoneNumberKind.Global ? 1 : 0;
        done += QuotedText.ContentEquals("\"a\\\"b\""u8, "a\"b"u8) ? 1 : 0;
        done += QuotedText.TryUnquote("\"a\\\"b\""u8, buffer, out length) && length == 3 ? 1 : 0;
        done += QuotedText.TryWrite(ref writer, "a\"b"u8) ? 1 : 0;
        done += Date.TryParse("Sat, 13 Nov 2010 23:29:00 GMT"u8, out var date, out _)
            && SipDate.Read(date, "Sat, 13 Nov 2010 23:29:00 GMT"u8, out long seconds) == SipDateOutcome.Valid
            && seconds == 1289690940 ? 1 : 0;
        SipDate.Write(ref writer, 0);
        done += writer.Overflowed ? 0 : 1;
        return done;
    }
}
