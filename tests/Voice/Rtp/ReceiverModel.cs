// RFC 3550 A.1, A.3 and A.8, word for word from the C of the RFC: the oracle of RtpReceiver. One thing is a parameter, how many packets in sequence make a
// source valid: the receiver hears a first source from its first packet on, and a second one from its second.
namespace SipEmbedded.Voice.Tests.Rtp;

internal sealed class ReceiverModel
{
    private const uint RTP_SEQ_MOD = 1 << 16;
    private ushort max_seq;
    private uint cycles;
    private uint base_seq;
    private uint bad_seq;
    private uint probation;
    private uint received;
    private uint expected_prior;
    private uint received_prior;
    private int transit;
    private bool has_transit;

    public int Jitter16 { get; private set; }

    public double Jitter { get; private set; }

    public ReceiverModel(ushort seq, uint minSequential)
    {
        InitSeq(seq);
        max_seq = (ushort)(seq - 1);
        probation = minSequential;
    }

    private void InitSeq(ushort seq)
    {
        base_seq = seq;
        max_seq = seq;
        bad_seq = RTP_SEQ_MOD + 1;
        cycles = 0;
        received = 0;
        received_prior = 0;
        expected_prior = 0;
    }

    public bool UpdateSeq(ushort seq)
    {
        ushort udelta = (ushort)(seq - max_seq);
        const int MAX_DROPOUT = 3000;
        const int MAX_MISORDER = 100;
        const int MIN_SEQUENTIAL = 2;
        if (probation > 0)
        {
            if (seq == (ushort)(max_seq + 1))
            {
                probation--;
                max_seq = seq;
                if (probation == 0)
                {
                    InitSeq(seq);
                    received++;
                    return true;
                }
            }
            else
            {
                probation = MIN_SEQUENTIAL - 1;
                max_seq = seq;
            }
            return false;
        }
        else if (udelta < MAX_DROPOUT)
        {
            if (seq < max_seq)
                cycles += RTP_SEQ_MOD;
            max_seq = seq;
        }
        else if (udelta <= RTP_SEQ_MOD - MAX_MISORDER)
        {
            if (seq == bad_seq)
            {
                InitSeq(seq);
            }
            else
            {
                bad_seq = (uint)(seq + 1) & (RTP_SEQ_MOD - 1);
                return false;
            }
        }
        received++;
        return true;
    }

    public uint ExtendedMax => cycles + max_seq;

    private uint Expected => ExtendedMax - base_seq + 1;

    public int Lost => Math.Clamp((int)(Expected - received), -0x800000, 0x7fffff);

    public byte TakeFraction()
    {
        int expected_interval = (int)(Expected - expected_prior);
        expected_prior = Expected;
        int received_interval = (int)(received - received_prior);
        received_prior = received;
        int lost_interval = expected_interval - received_interval;
        return expected_interval == 0 || lost_interval <= 0 ? (byte)0 : (byte)((lost_interval << 8) / expected_interval);
    }

    // A.8 in both its forms. The RFC leaves open what the first packet is compared with: nothing.
    public void Arrive(uint arrival, uint ts)
    {
        int now = (int)(arrival - ts);
        int d = now - transit;
        transit = now;
        if (!has_transit)
        {
            has_transit = true;
            return;
        }
        if (d < 0)
            d = -d;
        Jitter += 1.0 / 16.0 * (d - Jitter);
        Jitter16 += d - (Jitter16 + 8 >> 4);
    }
}
