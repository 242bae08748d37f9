// Reading and building descriptions allocates nothing: bytes counted over many descriptions.
using System.Text;
using SipEmbedded.Sdp;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Sdp;

public sealed class AllocationTests
{
    private const int Runs = 2000;

    private static int ReadAndBuild(byte[][] texts, byte[] buffer)
    {
        int sum = 0;
        foreach (byte[] text in texts)
        {
            var reader = new SdpReader(text, SdpLeniency.All);
            while (reader.Read())
                sum += reader.Check(out _) ? 1 : 0;
            if (!SdpDescription.TryRead(text, SdpLeniency.All, out var description, out var fault))
            {
                sum += fault.Offset;
                continue;
            }
            var writer = new ByteWriter(buffer);
            SdpBuilder.WriteVersion(ref writer);
            description.Origin.Write(ref writer, text);
            for (int i = 0; i < description.MediaCount; i++)
            {
                var media = description.Media(i);
                sum += media.TryGetConnection(out _) ? 1 : 0;
                sum += (int)media.Direction;
                foreach (var format in media.Formats)
                {
                    if (SdpValue.TryRead<PayloadType>(text, format, SdpLeniency.None, out var type, out _))
                        sum += media.TryGetEncoding(type.Number, out var encoding) ? encoding.Name.Length : 0;
                }
                foreach (var attribute in media.Attributes)
                    sum += attribute.CheckValue(text, SdpLeniency.All, out _) ? 1 : 0;
                SdpBuilder.WriteMediaFormats(ref writer, media.Field.Media.In(text), 0, media.Field.Protocol.In(text), media.Field.Formats.In(text));
                SdpBuilder.WriteDirection(ref writer, media.Direction);
            }
            sum += writer.Written;
        }
        return sum;
    }

    [Fact]
    public void Reading_and_building_allocates_nothing()
    {
        // Faulty ones too: a fault is a value.
        byte[][] texts = [.. SdpVectors.Everything().Select(v => Encoding.UTF8.GetBytes(v.Sdp)), "v=0\r\nm=audio x\r\n"u8.ToArray(), [], "v=0"u8.ToArray()];
        byte[] buffer = new byte[4096];
        int expected = ReadAndBuild(texts, buffer);
        long before = HeapCount.Begin();
        int sum = 0;
        for (int run = 0; run < Runs; run++)
            sum += ReadAndBuild(texts, buffer) == expected ? 1 : 0;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(Runs, sum);
        Assert.Equal(0, allocated);
    }
}
